import { ACL, type Admin } from './kafka-client.ts';

/** What the brokers allow somebody. */
export interface Grant {
  /** `User:name`; `User:*` is everybody. */
  readonly principal: string;
  readonly kind: 'topic' | 'group';
  /** A name, the beginning of names where `isPrefix`, or `*` for all. */
  readonly name: string;
  readonly isPrefix: boolean;
  /** Kafka's name: `Read`, `Write`, `Describe`, `All` … */
  readonly operation: string;
  /** Address it is allowed from; `*` is everywhere. */
  readonly host: string;
}

const OPERATION_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ACL.operations)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, code]) => [
      code,
      name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ]),
);

/** Everything that is allowed on topics and groups. What is denied is left out. */
export async function readGrants(admin: Admin): Promise<Grant[]> {
  const { resources } = await admin.describeAcls({
    resourceType: ACL.resources.ANY,
    resourcePatternType: ACL.patterns.ANY,
    operation: ACL.operations.ANY,
    permissionType: ACL.permissions.ANY,
  });
  return resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) => {
    const kind = kindOf(resourceType);
    if (kind === null) return [];
    return acls
      .filter(({ permissionType }) => permissionType === ACL.permissions.ALLOW)
      .map(({ principal, host, operation }) => ({
        principal,
        kind,
        name: resourceName,
        isPrefix: resourcePatternType === ACL.patterns.PREFIXED,
        operation: OPERATION_NAMES.get(operation) ?? 'Unknown',
        host,
      }));
  });
}

/** Allows these as well. @param grants Not empty; operations that Kafka knows. */
export async function addGrants(admin: Admin, grants: readonly Grant[]): Promise<void> {
  await admin.createAcls({
    acl: grants.map(({ principal, kind, name, isPrefix, operation, host }) => ({
      resourceType: kind === 'topic' ? ACL.resources.TOPIC : ACL.resources.GROUP,
      resourceName: name,
      resourcePatternType: isPrefix ? ACL.patterns.PREFIXED : ACL.patterns.LITERAL,
      principal,
      host,
      operation: codeOf(operation),
      permissionType: ACL.permissions.ALLOW,
    })),
  });
}

function kindOf(resourceType: number): Grant['kind'] | null {
  if (resourceType === ACL.resources.TOPIC) return 'topic';
  return resourceType === ACL.resources.GROUP ? 'group' : null;
}

function codeOf(operation: string): number {
  for (const [code, name] of OPERATION_NAMES) if (name === operation) return code;
  throw new RangeError(`Kafka knows no operation ${operation}.`);
}
