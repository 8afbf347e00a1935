import { parseYaml, type YamlFile, YamlProblem } from '../../runtime/yaml.ts';
import { invalidFile, problemSentence, problemsOf } from './file-problems.ts';
import { type Suppression, suppressionFileSchema } from './suppressions.ts';

/**
 * Reads a file of suppressions.
 *
 * @param file Its name, for errors.
 * @throws SqltrailError `config_invalid`: every mistake with its line and path.
 */
export function readSuppressions(text: string, file: string): readonly Suppression[] {
  let yaml: YamlFile;
  try {
    yaml = parseYaml(text);
  } catch (cause) {
    if (!(cause instanceof YamlProblem)) throw cause;
    throw invalidFile('file', [`${cause.line === null ? file : `${file}, line ${cause.line}`}: ${cause.message}.`]);
  }
  const parsed = suppressionFileSchema.safeParse(yaml.value);
  if (parsed.success) return parsed.data.suppressions;
  const problems = parsed.error.issues.flatMap((issue) =>
    problemsOf(issue, [], Object.keys(suppressionFileSchema.shape)),
  );
  throw invalidFile(
    'file',
    problems.map((problem) => problemSentence(problem, file, yaml.lines)),
  );
}
