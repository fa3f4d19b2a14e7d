import type { Table } from "../table.ts";

/** What is reported of one load: what was found, and the tables that show it. */
export interface Section<Results> {
  results: Results;
  tables: readonly Table[];
}
