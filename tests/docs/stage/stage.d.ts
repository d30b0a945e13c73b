/** Shows something to the user. The stage keeps what was shown, for the tests to see. */
declare function show(value: unknown): void;
