/** In place of a value this version cannot read: how long it is and why. Nothing of it is shown, for it may be anything. */
export interface Unreadable {
  readonly unreadable: string;
  readonly bytes: number;
}
