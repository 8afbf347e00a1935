/** What one side sends in one go: one or more MySQL packets. */
export interface SeedMessage {
  readonly fromClient: boolean;
  readonly bytes: Buffer;
}

/** A conversation that fuzz cases are made of. */
export interface SeedConversation {
  readonly name: string;
  /** It begins with the connection's first byte. */
  readonly sawSyn: boolean;
  /** Messages of the login, from the first one; they lead each case that is cut out of a long conversation. */
  readonly loginMessages: number;
  readonly messages: readonly SeedMessage[];
  /** Auth data that the client sends, and scrambles of the server, 8 bytes or more each: none may be in a batch. */
  readonly clientSecrets: readonly Buffer[];
  readonly serverSecrets: readonly Buffer[];
}
