/**
 * An event handler attribute, such as `onmessage`
 * (https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes).
 *
 * Among the listeners it has the place that it was first set at, and loses it when it is set to
 * null.
 */
export class EventHandler {
  #value: object | null = null;
  readonly #listener = (event: Event): void => {
    // An object that is no function may stand in the attribute, and is not called.
    if (typeof this.#value !== 'function') return;
    if (this.#value.call(this.target, event) === false) event.preventDefault();
  };

  constructor(
    private readonly target: EventTarget,
    private readonly type: string,
  ) {}

  get value(): object | null {
    return this.#value;
  }

  set(value: unknown): void {
    const isObject = typeof value === 'object' || typeof value === 'function';
    this.#value = isObject ? value : null;
    // Added twice, a listener keeps its first place.
    if (this.#value) this.target.addEventListener(this.type, this.#listener);
    else this.target.removeEventListener(this.type, this.#listener);
  }
}
