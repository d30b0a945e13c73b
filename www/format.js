/** The time of day, to the second, as the reader writes it. */
export const clock = (time) => new Date(time).toLocaleTimeString();

const exact = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
});

/** The time of day with milliseconds. */
export const exactClock = (time) => exact.format(time);
