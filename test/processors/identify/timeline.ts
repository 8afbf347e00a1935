import { AuditEvent, type ConnectionFacts } from '../../../schemas/audit-event.ts';

/** What really happened on a server: one connection from a port. Times in seconds. */
export interface TrueConnection {
  readonly id: number;
  readonly port: number;
  readonly openS: number;
  readonly closeS: number;
  readonly user: string;
  /** Moments of statements, each of 10 ms. */
  readonly statements: readonly number[];
  /** Moment of a change of user, captured like a statement; null: none. */
  readonly changeS: number | null;
  readonly changedUser: string;
  readonly isTls: boolean;
}

/** When packets were captured. */
export interface CaptureSpan {
  readonly fromS: number;
  readonly toS: number;
}

export interface Step {
  readonly atS: number;
  readonly kind: 'event' | 'end' | 'reading' | 'poll';
  readonly event?: AuditEvent;
  /** When its first packet was captured. */
  readonly timeS?: number;
  readonly uid?: string;
  /** Of an event's connection. */
  readonly truth?: TrueConnection;
}

export function userAt(connection: TrueConnection, timeS: number): string {
  return connection.changeS !== null && timeS >= connection.changeS ? connection.changedUser : connection.user;
}

/** What decode says of it. @returns In the order in which it arrives, `delayS` behind the packets. */
export function capturedSteps(
  connections: readonly TrueConnection[],
  spans: readonly CaptureSpan[],
  delayS: number,
): Step[] {
  const steps: Step[] = [];
  for (const [number, span] of spans.entries()) {
    for (const connection of connections) {
      if (connection.closeS < span.fromS || connection.openS > span.toS) continue;
      const uid = `${number}${connection.id}`.padStart(32, '0');
      const facts = factsOf(uid, connection.port);
      const isLoginSeen = connection.openS >= span.fromS;
      let lastS = span.fromS;
      let told = isLoginSeen && !connection.isTls ? connection.user : '';
      const add = (timeS: number, command: string, make: (event: AuditEvent) => void) => {
        const event = new AuditEvent(facts);
        event.timeUs = timeS * 1e6;
        event.durationUs = 10_000;
        event.command = command;
        event.isTls = connection.isTls && isLoginSeen;
        event.connectionId = isLoginSeen ? connection.id : 0;
        event.userName = told;
        event.userNameSource = told === '' ? 'unknown' : 'handshake';
        make(event);
        steps.push({ atS: timeS + 0.01 + delayS, kind: 'event', event, timeS, uid, truth: connection });
        lastS = Math.max(lastS, timeS + 0.01);
      };
      if (isLoginSeen) add(connection.openS, 'connect', () => {});
      const isReadable = !connection.isTls;
      const moments = [...connection.statements, ...(connection.changeS === null ? [] : [connection.changeS])].sort(
        (a, b) => a - b,
      );
      for (const timeS of moments) {
        if (!isReadable || timeS < span.fromS || timeS > span.toS) continue;
        if (timeS === connection.changeS) told = connection.changedUser;
        const isChanged = connection.changeS !== null && timeS >= connection.changeS;
        add(timeS, timeS === connection.changeS ? 'change_user' : 'query', (event) => {
          if (isChanged && told !== '') event.userNameSource = 'change_user';
        });
      }
      // Its end is captured, or what comes behind the hole in the capture ends it.
      const isEndSeen = connection.closeS <= span.toS;
      const next = spans[number + 1];
      if (isEndSeen) steps.push({ atS: connection.closeS + delayS, kind: 'end', uid });
      else if (next !== undefined) steps.push({ atS: next.fromS + delayS, kind: 'end', uid });
    }
  }
  return steps;
}

function factsOf(uid: string, port: number): ConnectionFacts {
  return {
    uid,
    serverId: 'db7',
    clientAddress: '10.0.0.7',
    clientPort: port,
    serverAddress: '10.0.0.1',
    serverPort: 3306,
  };
}
