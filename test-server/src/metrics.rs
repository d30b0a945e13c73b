//! What the server counts. No label has values that grow with the users, unless
//! that was asked for.

use std::time::Instant;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::conn::{Conn, End};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct User {
    user_id: i64,
}

/// What is counted for each user.
#[derive(Debug, Default)]
struct PerUser {
    connections: Family<User, Gauge>,
    events: Family<User, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: &'static str,
}

/// A kind of request. The route is the pattern, so there are not many.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    pub(crate) method: &'static str,
    pub(crate) route: String,
    pub(crate) status: u16,
}

/// The counters, and the registry that writes them out.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) active_connections: Gauge,
    pub(crate) connections: Counter,
    pub(crate) events_in: Counter,
    pub(crate) deliveries: Counter,
    pub(crate) resumes: Counter,
    pub(crate) gaps: Counter,
    pub(crate) superseded: Counter,
    pub(crate) overflows: Counter,
    pub(crate) slow_readers: Counter,
    pub(crate) queued: Gauge,
    publish_to_write: Histogram,
    pub(crate) log_connected: Gauge,
    pub(crate) log_applied: Gauge,
    refused: Family<Reason, Counter>,
    durations: Family<Status, Histogram>,
    errors: Family<Code, Counter>,
    requests: Family<RequestLabels, Counter>,
    per_user: Option<PerUser>,
}

impl Metrics {
    pub(crate) fn new(is_per_user: bool) -> Self {
        let mut registry = Registry::with_prefix("sse");
        let per_user = is_per_user.then(|| {
            let per_user = PerUser::default();
            let (connections, events) = (per_user.connections.clone(), per_user.events.clone());
            registry.register("user_connections", "Streams a user has open", connections);
            registry.register("user_events", "Events handed to a user's streams", events);
            per_user
        });
        let durations = Family::<Status, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.1, 4.0, 10))
        });
        registry.register(
            "connection_duration_seconds",
            "How long streams lived, by who ended them",
            durations.clone(),
        );
        let active_connections = Gauge::default();
        registry.register(
            "active_connections",
            "Streams open now",
            active_connections.clone(),
        );
        let queued = Gauge::default();
        registry.register(
            "queue_depth",
            "Events that wait for streams, all together",
            queued.clone(),
        );
        let publish_to_write = Histogram::new(exponential_buckets(0.0005, 2.0, 14));
        registry.register(
            "publish_to_write_seconds",
            "From an event's acceptance to its hand-over to a stream",
            publish_to_write.clone(),
        );
        let errors = Family::<Code, Counter>::default();
        registry.register("errors", "Refused requests, by code", errors.clone());
        let requests = Family::<RequestLabels, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let refused = Family::<Reason, Counter>::default();
        registry.register(
            "log_refused",
            "Messages from NATS that were refused, by reason",
            refused.clone(),
        );
        let log_connected = Gauge::default();
        registry.register(
            "log_connected",
            "Whether NATS is there, if it is used",
            log_connected.clone(),
        );
        let log_applied = Gauge::default();
        registry.register(
            "log_applied",
            "The last change of the log in NATS that was done here",
            log_applied.clone(),
        );
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        Self {
            active_connections,
            connections: counter("connections", "Streams opened"),
            events_in: counter("events_in", "Events put into the log"),
            deliveries: counter("deliveries", "Events queued, once for each stream"),
            resumes: counter("resumes", "Streams that came with a last event id"),
            gaps: counter("gaps", "Streams that could not resume without a gap"),
            superseded: counter("superseded", "Streams that a newer one replaced"),
            slow_readers: counter("slow_readers_cut", "Connections cut at the send time-out"),
            overflows: counter(
                "queue_overflows",
                "Queues dropped and refilled from the log",
            ),
            queued,
            publish_to_write,
            log_connected,
            log_applied,
            refused,
            durations,
            errors,
            requests,
            per_user,
            registry,
        }
    }

    /// Records that a stream was opened.
    pub(crate) fn opened(&self, conn: &Conn) {
        self.connections.inc();
        if let Some(per_user) = &self.per_user {
            let user_id = conn.user.0;
            per_user.connections.get_or_create(&User { user_id }).inc();
        }
    }

    /// Records that events which were accepted at these times are written by now: the clock
    /// is read once for all, and not between two writes.
    pub(crate) fn wrote(&self, accepted: &[Instant]) {
        let now = Instant::now();
        for &accepted in accepted {
            let waited = now.saturating_duration_since(accepted);
            self.publish_to_write.observe(waited.as_secs_f64());
        }
    }

    /// Records that events were handed to a stream.
    pub(crate) fn handed_over(&self, conn: &Conn, events: usize) {
        if let Some(per_user) = &self.per_user {
            let user_id = conn.user.0;
            let events = u64::try_from(events).unwrap_or(u64::MAX);
            per_user
                .events
                .get_or_create(&User { user_id })
                .inc_by(events);
        }
    }

    /// Records the life of a stream that has just ended.
    pub(crate) fn lived(&self, conn: &Conn) {
        if let Some(per_user) = &self.per_user {
            let user_id = conn.user.0;
            per_user.connections.get_or_create(&User { user_id }).dec();
        }
        let status = match conn.end_reason() {
            None => "closed",
            Some(End::Superseded) => "superseded",
            Some(End::Lifetime { .. }) => "lifetime",
            Some(End::Disconnected) => "disconnected",
            Some(End::Shutdown { .. }) => "shutdown",
        };
        self.durations
            .get_or_create(&Status { status })
            .observe(conn.opened.elapsed().as_secs_f64());
    }

    pub(crate) fn error(&self, code: &'static str) {
        self.errors.get_or_create(&Code { code }).inc();
    }

    pub(crate) fn log_refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    pub(crate) fn request(&self, labels: RequestLabels) {
        self.requests.get_or_create(&labels).inc();
    }

    /// All of it in the OpenMetrics text format.
    pub(crate) fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
