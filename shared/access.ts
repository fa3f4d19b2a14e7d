/** Access to the page. */
export interface Access {
  /** The operators' password; null: none is required. */
  operate: string | null;
  /** The password for read-only access; null: there is none. */
  watch: string | null;
  /** Nobody may change anything. */
  readonly: boolean;
}
