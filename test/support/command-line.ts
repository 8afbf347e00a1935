import { COMMANDS } from '../../cli/commands.ts';

/**
 * What the program would not take of a command line.
 * @param args Those behind `sqltrail`.
 * @returns Sentences; none where it takes all.
 */
export async function misfitsOf(args: readonly string[]): Promise<string[]> {
  const [name = '', ...rest] = args;
  const known = COMMANDS.find((each) => each.name === name);
  if (known === undefined) return [`there is no command ${name}`];
  let command = await known.load();
  let at = 0;
  for (; command.commands.length > 0; at++) {
    const next = command.commands.find((each) => each.name() === rest[at]);
    if (next === undefined) return [`${command.name()} has no command ${rest[at]}`];
    command = next;
  }
  const misfits: string[] = [];
  for (; at < rest.length; at++) {
    const argument = rest[at]!;
    if (!argument.startsWith('-')) {
      if (command.registeredArguments.length === 0) misfits.push(`${command.name()} takes no argument ${argument}`);
      continue;
    }
    const option = command.options.find(({ long, short }) => argument === long || argument === short);
    if (option === undefined) misfits.push(`${command.name()} has no option ${argument}`);
    else if (option.required) at++;
  }
  return misfits;
}
