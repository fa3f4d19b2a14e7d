/** Who may do what on the page. */
export interface Access {
  /** The password of those who may act; null: it is not asked for. */
  operate: string | null;
  /** The password of those who may look; null: there is none. */
  watch: string | null;
  /** Nobody may act. */
  readonly: boolean;
}
