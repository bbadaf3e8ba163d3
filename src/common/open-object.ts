import 'reflect-metadata';

const OPEN_OBJECT = Symbol('open object');

/**
 * Marks a request class whose objects may hold further fields, which are ignored. Elsewhere an unknown field is refused,
 * since it is most often a known one misspelt.
 */
export function OpenObject(): ClassDecorator {
  return (target) => {
    Reflect.defineMetadata(OPEN_OBJECT, true, target);
  };
}

export function isOpenObject(target: object): boolean {
  return Reflect.hasMetadata(OPEN_OBJECT, target);
}
