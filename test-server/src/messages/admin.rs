//! Looking in and stepping in, for administrators.

use axum::{Json as Answer, extract::State};
use serde::Serialize;

use super::check_group;
use crate::{
    auth::Admin,
    conn::{Conn, End},
    error::{ApiError, ErrorBody},
    extract::Path,
    ids::UserId,
    state::AppState,
    store::{connections::Disconnect, subscriptions},
};

/// An open stream.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Connection {
    pub(crate) connection_id: String,
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<String>,
    /// When it was opened.
    pub(crate) since: String,
    /// What it came with.
    pub(crate) last_event_id: Option<String>,
}

impl From<&Conn> for Connection {
    fn from(conn: &Conn) -> Self {
        Self {
            connection_id: conn.id.0.to_string(),
            user_id: conn.user,
            client_id: conn.client_id.clone(),
            since: conn.since.rfc3339(),
            last_event_id: conn.came_with.clone(),
        }
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Info {
    /// Streams open now.
    connections: usize,
    /// Users who are here, or were in the last five minutes.
    users: Vec<Presence>,
    /// Browsers that are here, or were in the last ten minutes.
    clients: Vec<Client>,
    groups: Vec<GroupCount>,
    /// The id of the newest event.
    last_event_id: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Presence {
    user_id: UserId,
    /// Open streams.
    connections: usize,
    /// When a stream was last opened or ended.
    last_seen: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Client {
    user_id: UserId,
    client_id: String,
    /// Open streams.
    connections: usize,
    /// When a stream was last opened or ended.
    last_seen: String,
    /// What its newest stream came with.
    last_event_id: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct GroupCount {
    group: String,
    connections: usize,
}

/// `GET /api/v1/sse/info`
#[utoipa::path(get, path = "/info", tag = "admin", security(("bearer" = [])), responses((status = 200, body = Info), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn info(State(state): State<AppState>, Admin(_): Admin) -> Answer<Info> {
    let (users, clients) = state.hub.seen(|seen| (seen.users(), seen.clients()));
    let groups = state.hub.groups().into_iter();
    Answer(Info {
        connections: state.hub.all_conns().len(),
        users: users
            .into_iter()
            .map(|(user_id, trace)| Presence {
                user_id,
                connections: trace.connections,
                last_seen: trace.last_seen.rfc3339(),
            })
            .collect(),
        clients: clients
            .into_iter()
            .map(|(user_id, client_id, trace)| Client {
                user_id,
                client_id,
                connections: trace.connections,
                last_seen: trace.last_seen.rfc3339(),
                last_event_id: trace.last_event_id,
            })
            .collect(),
        groups: groups
            .map(|(group, connections)| GroupCount {
                group: group.to_string(),
                connections,
            })
            .collect(),
        last_event_id: format!("{}-{}", state.store.epoch(), state.hub.committed()),
    })
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Group {
    group: String,
    /// Users who subscribed to it.
    members: Vec<UserId>,
    connections: Vec<Connection>,
}

/// `GET /api/v1/sse/group/{group}`
#[utoipa::path(get, path = "/group/{group}", tag = "admin", params(("group" = String, Path)), security(("bearer" = [])), responses((status = 200, body = Group), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn group(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(group): Path<String>,
) -> Result<Answer<Group>, ApiError> {
    check_group(&group)?;
    let conns = state.hub.conns_of_group(&group);
    let name = group.clone();
    let members = state
        .store
        .read(move |conn| subscriptions::members(conn, &name))
        .await?;
    Ok(Answer(Group {
        group,
        members,
        connections: conns.iter().map(|conn| Connection::from(&**conn)).collect(),
    }))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Disconnected {
    disconnected: bool,
}

/// `POST /api/v1/sse/disconnect/{id}`: ends a stream; its client may come back.
#[utoipa::path(post, path = "/disconnect/{id}", tag = "admin", params(("id" = String, Path)), security(("bearer" = [])), responses((status = 200, body = Disconnected), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn disconnect(
    State(state): State<AppState>,
    Admin(_): Admin,
    Path(id): Path<String>,
) -> Result<Answer<Disconnected>, ApiError> {
    let conns = state.hub.all_conns();
    let conn = conns
        .iter()
        .find(|conn| *conn.id.0 == *id)
        .ok_or_else(|| ApiError::not_found("There is no such connection."))?;
    if conn.is_here {
        conn.end(End::Disconnected);
    } else {
        let id = conn.id.clone();
        state.store.change(Disconnect { id }).await?;
    }
    Ok(Answer(Disconnected { disconnected: true }))
}
