import type { ConfigField } from './config-fields.ts';

/**
 * A setting's value out of text, as environment and command line give it: numbers, `true` or `false`, lists with commas, lists of
 * sections as JSON.
 *
 * @returns Or what it must be, as the end of a sentence.
 */
export function settingFromText(field: ConfigField, text: string): { value: unknown } | { problem: string } {
  switch (field.type) {
    case 'text':
      return { value: text };
    case 'number': {
      const value = numberFrom(text);
      return value === null ? { problem: 'must be a number' } : { value };
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') return { problem: 'must be true or false' };
      return { value: text === 'true' };
    case 'list': {
      if (field.itemType === 'section') return sectionsFrom(text);
      const items = text.split(',').map((item) => item.trim());
      if (field.itemType === 'text') return { value: items };
      const numbers = items.map(numberFrom);
      return numbers.includes(null) ? { problem: 'must be numbers with commas between them' } : { value: numbers };
    }
  }
}

function sectionsFrom(text: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problem: 'must be a list of sections in JSON' };
  }
}

function numberFrom(text: string): number | null {
  return /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : null;
}
