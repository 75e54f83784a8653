import type { Migration } from '../../sqlite.ts';

/** A day's times and values of a series are 1 to 6 kB: with pages of 8,192 bytes a third of the file was empty, see ARCHITECTURE.md. */
export const NEW_FILE = 'PRAGMA page_size = 32768; PRAGMA auto_vacuum = INCREMENTAL;';

export const MIGRATIONS: readonly Migration[] = [
  // One row a reading, as it was at first. The rows are moved into chunks in slices when the store opens.
  `CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, point TEXT NOT NULL, UNIQUE (device, point)) STRICT;
   CREATE TABLE sample (
     series INTEGER NOT NULL REFERENCES series, at INTEGER NOT NULL, value ANY, quality TEXT NOT NULL, truth INTEGER NOT NULL,
     PRIMARY KEY (series, at)
   ) STRICT, WITHOUT ROWID;`,
  // Where things stand is apart from the bytes: bytes are only ever added at the end, so their pages are full, and what is
  // written anew at once leaves whole pages free. With the bytes in the order of series and time a page was two thirds full.
  // hold, low, high: what the rollups were made with. samples_from: samples before are gone, rollups may remain.
  `ALTER TABLE series ADD COLUMN hold REAL NOT NULL DEFAULT 300000;
   ALTER TABLE series ADD COLUMN low REAL;
   ALTER TABLE series ADD COLUMN high REAL;
   ALTER TABLE series ADD COLUMN samples_from INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE log (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
   CREATE TABLE stamp (id INTEGER PRIMARY KEY, uses INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
   CREATE TABLE body (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE rollup_body (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE chunk (
     series INTEGER NOT NULL, first INTEGER NOT NULL, span INTEGER NOT NULL, count INTEGER NOT NULL, stamp INTEGER NOT NULL,
     body INTEGER NOT NULL, PRIMARY KEY (series, first)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE rollup (
     unit INTEGER NOT NULL, series INTEGER NOT NULL, start INTEGER NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (unit, series, start)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE damaged (id INTEGER PRIMARY KEY, found_at INTEGER NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL, body BLOB) STRICT;`,
  // A row of rollups tells all of its time, or is not there. Rows of minutes that held the end of a thinned day alone go: they
  // are made whole before the samples of their day go. A row is squeezed in one piece from here on.
  `CREATE TEMP TABLE part AS SELECT rollup.unit, series, start, body FROM rollup JOIN series ON series.id = rollup.series
     WHERE unit = 0 AND start >= samples_from;
   DELETE FROM rollup_body WHERE id IN (SELECT body FROM part);
   DELETE FROM rollup WHERE unit = 0 AND (series, start) IN (SELECT series, start FROM part);
   DROP TABLE part;`,
];
