import { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

/** A history as plain JSON that reads well: words for enums, text for long numbers, base64 for bytes. */
export function historyToJson(history: History): object {
  return temporal.api.history.v1.History.toObject(temporal.api.history.v1.History.fromObject(history), {
    enums: String,
    longs: String,
    bytes: String,
  });
}

export function historyFromJson(json: object): History {
  return temporal.api.history.v1.History.fromObject(json);
}
