/** What goes wrong with a request. */
export type Fault =
  /** The request is refused with this code; nothing of it is done. 252: too many parts, 241: memory limit. */
  | { readonly kind: 'refuse'; readonly code: number; readonly name: string }
  /** A gateway in front answers with this status and no exception. */
  | { readonly kind: 'status'; readonly status: number }
  /** No answer, and nothing is done; the client has to give up. */
  | { readonly kind: 'hang' }
  /** It is done, and the connection ends without an answer. */
  | { readonly kind: 'lose_answer' }
  /** A block that contains these bytes is refused with this code. */
  | { readonly kind: 'refuse_rows'; readonly containing: string; readonly code: number; readonly name: string };

/** Which requests it befalls. */
export interface FaultPlan {
  readonly fault: Fault;
  /** Only inserts of blocks. Default true. */
  readonly insertsOnly?: boolean;
  /** How many requests; default: all until the plan is taken away. */
  readonly times?: number;
  /** Only requests whose query contains this. */
  readonly queryContains?: string;
}
