/** The few things that the spool asks of a disk, so that a test can let it die at any of them. Everything may reject. */
export interface SpoolFiles {
  /** From here on no other process may; rejects while one does. A process that dies lets go. */
  hold(): Promise<void>;
  letGo(): Promise<void>;
  list(): Promise<readonly { readonly name: string; readonly bytes: number }[]>;
  /** A new, empty file. */
  create(name: string): Promise<AppendFile>;
  /** At most `length` bytes; fewer at the file's end. */
  read(name: string, from: number, length: number): Promise<Uint8Array>;
  truncate(name: string, bytes: number): Promise<void>;
  /** The file as given, whole or as it was before; on the disk when it resolves. */
  replace(name: string, content: Uint8Array): Promise<void>;
  /** Also when it is not there. */
  remove(name: string): Promise<void>;
  /** What the file system has left; null when it does not tell. */
  freeBytes(): Promise<number | null>;
}

export interface AppendFile {
  /** All of it, or it rejects and some beginning of it may be there. */
  append(bytes: Uint8Array): Promise<void>;
  /** What was appended survives a power cut from here on, the file's name too. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
