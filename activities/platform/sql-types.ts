import pg from 'pg';

/**
 * How answers of a statement become JSON: whole numbers as numbers (int8 too, while exact), moments as ISO 8601,
 * JSON as it is, everything else as PostgreSQL prints it.
 */
export const sqlTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number) {
    return parsers[oid] ?? ((value: string) => value);
  },
} as pg.CustomTypesConfig;

const { BOOL, INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC, JSON: json, JSONB, TIMESTAMPTZ, BYTEA } = pg.types.builtins;

const parsers: Readonly<Record<number, (value: string) => unknown>> = {
  [BOOL]: (value) => value === 't',
  [INT2]: Number,
  [INT4]: Number,
  [OID]: Number,
  [INT8]: exact,
  [FLOAT4]: finite,
  [FLOAT8]: finite,
  [NUMERIC]: exact,
  [json]: (value) => JSON.parse(value) as unknown,
  [JSONB]: (value) => JSON.parse(value) as unknown,
  [TIMESTAMPTZ]: moment,
  [BYTEA]: (value) => (value.startsWith('\\x') ? Buffer.from(value.slice(2), 'hex').toString('base64') : value),
  1000: list((item) => item === 't'),
  1005: list(Number),
  1007: list(Number),
  1016: list(exact),
  1009: list((item) => item),
  1015: list((item) => item),
};

/** A number when it says the same, else the text. */
function exact(value: string): number | string {
  const number = Number(value);
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return value;
  return Number.isFinite(number) && (Number.isInteger(number) || significant(value) <= 15) ? number : value;
}

function significant(value: string): number {
  return value.replace(/^-?0*\.?0*/, '').replace('.', '').length;
}

/** JSON knows neither infinity nor NaN. */
function finite(value: string): number | string {
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

function moment(value: string): string {
  const date = pg.types.getTypeParser(TIMESTAMPTZ, 'text')(value) as Date | number;
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : value;
}

function list(item: (value: string) => unknown): (value: string) => unknown {
  const texts = pg.types.getTypeParser(1009 as never, 'text') as (value: string) => (string | null)[];
  return (value) => texts(value).map((one) => (one === null ? null : typeof one === 'string' ? item(one) : one));
}
