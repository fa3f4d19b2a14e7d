import type { Table } from "../table.ts";

/** The report on one load: the results, and the tables that show them. */
export interface Section<Results> {
  results: Results;
  tables: readonly Table[];
}
