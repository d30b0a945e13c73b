const sorted = (values) => [...values].sort((a, b) => a - b);

export const median = (values) => sorted(values)[Math.floor(values.length / 2)];

/** Half the distance between the quartiles, in percent of the median. */
export function spread(values) {
  const all = sorted(values);
  // Between two values, as far as the share says: also two alone have a spread.
  const at = (share) => {
    const place = (all.length - 1) * share;
    const [below, above] = [all[Math.floor(place)], all[Math.ceil(place)]];
    return below + (above - below) * (place % 1);
  };
  return ((at(0.75) - at(0.25)) / 2 / median(values)) * 100;
}

/** The value that this share of all is not above. */
export const quantile = (values, share) => sorted(values)[Math.floor((values.length - 1) * share)];
