/** One requirement of a framework, in our own words. */
export interface FrameworkItem {
  /** The framework's own number: `5.32`, `D06`. */
  readonly id: string;
  readonly title: string;
  /**
   * Why no control answers it, or what of it none can see, as a sentence. Absent where controls answer the whole of it.
   */
  readonly open?: string;
}
