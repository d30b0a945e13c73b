/** Names follow OpenTelemetry's conventions: dotted, with units as UCUM writes them. */
const INSTRUMENTS = {
  'tabcast.tabs': { unit: '{tab}', of: (metrics) => metrics.tabs },
  'tabcast.connections': { unit: '{connection}', of: (metrics) => metrics.connections },
  'tabcast.connections.saved': {
    unit: '{connection}',
    of: (metrics) => metrics.connectionsSaved,
  },
  'tabcast.lag.p95': { unit: 'ms', of: (metrics) => metrics.lag?.p95 },
  'tabcast.recovery.mean': { unit: 'ms', of: (metrics) => metrics.recovery.mean },
  'tabcast.events': { unit: '{event}', counts: true, of: (metrics) => metrics.events },
  'tabcast.polls': { unit: '{poll}', counts: true, of: (metrics) => metrics.polls },
  'tabcast.gaps': { unit: '{gap}', counts: true, of: (metrics) => metrics.gaps },
};

/**
 * Has an OpenTelemetry meter observe a stream: it is asked whenever the meter's reader collects.
 * `meter` is of `@opentelemetry/api`; exporter, interval and attributes are the app's. Returns a
 * function that ends it.
 */
export function observeStream(stream, meter) {
  const instruments = Object.entries(INSTRUMENTS).map(([name, { unit, counts, of }]) => {
    const create = counts ? meter.createObservableCounter : meter.createObservableGauge;
    return { instrument: create.call(meter, name, { unit }), of };
  });
  const reconnects = meter.createObservableCounter('tabcast.reconnects', { unit: '{connection}' });
  const observe = async (result) => {
    const metrics = await stream.metrics();
    for (const { instrument, of } of instruments) {
      const value = of(metrics);
      if (typeof value === 'number') result.observe(instrument, value);
    }
    for (const [reason, count] of Object.entries(metrics.reconnects)) {
      result.observe(reconnects, count, { reason });
    }
  };
  const observed = [...instruments.map(({ instrument }) => instrument), reconnects];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}
