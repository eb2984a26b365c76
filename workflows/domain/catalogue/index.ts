import type { Json, Language } from '../words.ts';
import * as ack from './ack.ts';
import * as incident from './incident.ts';
import * as intake from './intake.ts';
import * as mail from './mail.ts';
import * as report from './report.ts';
import * as status from './status.ts';
import * as run from './run.ts';

const words = {
  en: { ...incident.en, ...intake.en, ...mail.en, ...ack.en, ...report.en, ...status.en, ...run.en },
  zh: { ...incident.zh, ...intake.zh, ...mail.zh, ...ack.zh, ...report.zh, ...status.zh, ...run.zh },
} satisfies Record<Language, Readonly<Record<string, string>>>;

export type Key = keyof typeof words.en;
export type Values = { readonly [name: string]: Json | undefined };

export function isKey(code: string): code is Key {
  return Object.hasOwn(words.en, code);
}

/** The sentence of `key` with its `{names}` filled in; a name without a value stays visible, so that a gap is noticed. */
export function say(language: Language, key: Key, values: Values = {}): string {
  return fill(words[language][key], language, values);
}

/** Fills `{names}` of any sentence. One pass: what a value holds is never looked at again. */
export function fill(sentence: string, language: Language, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? whole : toWords(value, language);
  });
}

function toWords(value: Json, language: Language): string {
  if (value === null) return '–';
  if (Array.isArray(value))
    return value.length === 0 ? '–' : value.map((item) => toWords(item, language)).join(language === 'zh' ? '、' : ', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** For the test that both languages say the same things. */
export const catalogue: Readonly<Record<Language, Readonly<Record<string, string>>>> = words;
