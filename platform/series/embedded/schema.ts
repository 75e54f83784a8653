import type { Migration } from '../../sqlite.ts';

/** A page holds some days of a series; measured against 4,096 and 16,384, see ARCHITECTURE.md. Holds for new files. */
export const NEW_FILE = 'PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL;';

export const MIGRATIONS: readonly Migration[] = [
  // One row a reading, as it was at first. The rows are moved into chunks in slices when the store opens.
  `CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, point TEXT NOT NULL, UNIQUE (device, point)) STRICT;
   CREATE TABLE sample (
     series INTEGER NOT NULL REFERENCES series, at INTEGER NOT NULL, value ANY, quality TEXT NOT NULL, truth INTEGER NOT NULL,
     PRIMARY KEY (series, at)
   ) STRICT, WITHOUT ROWID;`,
  // hold, low, high: what the rollups were made with. samples_from: samples before are gone, rollups may remain.
  `ALTER TABLE series ADD COLUMN hold REAL NOT NULL DEFAULT 300000;
   ALTER TABLE series ADD COLUMN low REAL;
   ALTER TABLE series ADD COLUMN high REAL;
   ALTER TABLE series ADD COLUMN samples_from INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE log (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
   CREATE TABLE stamp (id INTEGER PRIMARY KEY, uses INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
   CREATE TABLE chunk (
     key INTEGER PRIMARY KEY, first INTEGER NOT NULL, span INTEGER NOT NULL, count INTEGER NOT NULL, stamp INTEGER NOT NULL,
     body BLOB NOT NULL
   ) STRICT;
   CREATE TABLE rollup_minute (key INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
   CREATE TABLE rollup_quarter (key INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
   CREATE TABLE rollup_hour (key INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
   CREATE TABLE rollup_day (key INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
   CREATE TABLE damaged (id INTEGER PRIMARY KEY, found_at INTEGER NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL, body BLOB) STRICT;`,
];
