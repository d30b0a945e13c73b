const sorted = (values) => [...values].sort((a, b) => a - b);

export const median = (values) => sorted(values)[Math.floor(values.length / 2)];

/** Half the distance between the quartiles, in percent of the median. */
export function spread(values) {
  const all = sorted(values);
  const at = (share) => all[Math.floor((all.length - 1) * share)];
  return ((at(0.75) - at(0.25)) / 2 / median(values)) * 100;
}

/** The value that this share of all is not above. */
export const quantile = (values, share) => sorted(values)[Math.floor((values.length - 1) * share)];
