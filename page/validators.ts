import type { StandardSchemaV1 } from '@standard-schema/spec';

/**
 * Schemas of [Standard Schema](https://standardschema.dev) (zod, valibot, arktype and others) by
 * event type.
 *
 * @public
 */
export type Validators = Record<string, StandardSchemaV1>;

/**
 * What listeners of validated events get from `json()`. Other types are as they come.
 *
 * @public
 */
export type Validated<Schemas extends Validators> = {
  [Type in keyof Schemas]: StandardSchemaV1.InferOutput<Schemas[Type]>;
} & Record<string, unknown>;

/**
 * Schemas that give what `Events` says of a type.
 *
 * @public
 */
export type ValidatorsOf<Events> = {
  [Type in keyof Events & string]?: StandardSchemaV1<unknown, Events[Type]>;
};
