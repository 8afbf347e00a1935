/** Whether a connection's bytes are read, or only counted: by the guard, or because a share of the connections was asked for. */
export const LEFT_OUT = { no: 0, shed: 1, sampledOut: 2 } as const;
export type LeftOut = (typeof LEFT_OUT)[keyof typeof LEFT_OUT];
