import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { BatchEvent } from './batch.js';
import { TabcastError } from './index.js';
import type { Validators } from './validators.js';

/** Has the event's `json()` give what its schema makes of the data; gives an error where it does not fit. */
export function validate(
  event: BatchEvent,
  schemas: Validators | undefined,
): TabcastError | undefined {
  const { type } = event;
  if (!schemas || !Object.hasOwn(schemas, type)) return undefined;
  const fail = (issues: TabcastError['issues'], what: string) =>
    new TabcastError('invalid-event', `An event of type \`${type}\` ${what}.`, issues, event);
  let result: ReturnType<StandardSchemaV1['~standard']['validate']> | undefined;
  try {
    result = schemas[type]?.['~standard'].validate(event.json());
  } catch (error) {
    return fail([{ message: String(error) }], 'could not be validated');
  }
  if (!result || 'then' in result) {
    return fail([], 'has a validator that is asynchronous: events would lose their order');
  }
  if (!('value' in result)) return fail(result.issues, "does not fit its type's validator");
  const { value } = result;
  event.json = () => value;
  return undefined;
}
