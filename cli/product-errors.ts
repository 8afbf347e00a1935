import { type Command, Help, type Option } from 'commander';
import { visibleText } from './output/visible-text.ts';

const HELP = new Help();

/**
 * Makes a command, and those below it, speak of wrong arguments as the product does of everything: a sentence and its cure.
 * Their help leaves out defaults that say nothing.
 */
export function speakAsProduct(command: Command, path = command.name()): void {
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(productError(text, path)) })
    .configureHelp({ optionDescription });
  for (const child of command.commands) speakAsProduct(child, `${path} ${child.name()}`);
}

function optionDescription(option: Option): string {
  const value: unknown = option.defaultValue;
  const isNothing = value === false || (Array.isArray(value) && value.length === 0);
  return HELP.optionDescription(isNothing ? Object.create(option, { defaultValue: { value: undefined } }) : option);
}

/** `error: unknown option '--red'\n(Did you mean --read?)` as a sentence of the product. */
function productError(text: string, path: string): string {
  const [first = '', ...rest] = text
    .replace(/^error: /, '')
    .trimEnd()
    .split('\n');
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/[^.?!]$/, '$&.');
  const suggestion = rest.map((line) => line.replace(/^\((.*)\)$/, '$1 ')).join('');
  return `sqltrail: ${visibleText(sentence)}\n  ${visibleText(suggestion)}\`${path} --help\` lists what there is.\n`;
}
