/**
 * A photograph as it is sent: at most 1600 pixels on its longer side, JPEG. Drawn anew on a canvas it loses what the camera wrote beside
 * the picture (EXIF: the place, the telephone).
 */

const LONGEST_PX = 1600;
const QUALITY = 0.85;

/** Rejects when the browser does not understand the file. */
export async function shrinkPhoto(file: Blob): Promise<Blob> {
  // Turned as the camera was held: after this nothing says how.
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    // What is see-through would turn black.
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) =>
      canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)), 'image/jpeg', QUALITY),
    );
  } finally {
    picture.close();
  }
}
