import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** One setting of the configuration, as the schema tells. */
export interface ConfigField {
  /** With dots: `kafka.tls.enabled`. */
  readonly path: string;
  readonly type: 'text' | 'number' | 'boolean' | 'list';
  /** Type of a list's items. */
  readonly itemType: 'text' | 'number' | 'section';
  /** Undefined where there is none. */
  readonly default: unknown;
  readonly description: string;
  /** Words it may be; null where any will do. */
  readonly choices: readonly string[] | null;
  readonly isSecret: boolean;
}

/** The part of JSON Schema that this schema comes out as. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly default?: unknown;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly writeOnly?: boolean;
}

/** JSON Schema (draft 2020-12) of a configuration file. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'Configuration of sqltrail', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}

let known: readonly ConfigField[] | null = null;

/** Every setting, in the order of the schema. */
export function configFields(): readonly ConfigField[] {
  known ??= [...fieldsOf(configJsonSchema() as SchemaNode, '')];
  return known;
}

function* fieldsOf(node: SchemaNode, prefix: string): Generator<ConfigField> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const path = `${prefix}${key}`;
    if (child.properties !== undefined) yield* fieldsOf(child, `${path}.`);
    else {
      yield {
        path,
        type: typeOf(child),
        itemType: itemTypeOf(child.items),
        default: child.default,
        description: child.description ?? '',
        choices: child.enum ?? child.items?.enum ?? null,
        isSecret: child.writeOnly === true,
      };
    }
  }
}

function itemTypeOf(items: SchemaNode | undefined): ConfigField['itemType'] {
  if (items?.properties !== undefined || items?.oneOf !== undefined) return 'section';
  return items !== undefined && typeOf(items) === 'number' ? 'number' : 'text';
}

function typeOf(node: SchemaNode): ConfigField['type'] {
  if (node.type === 'array') return 'list';
  if (node.type === 'boolean') return 'boolean';
  return node.type === 'integer' || node.type === 'number' ? 'number' : 'text';
}
