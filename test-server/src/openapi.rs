//! The API's routes, and the document that is made of them.

use axum::{Router, response::Html};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    auth::routes as auth,
    chat, health,
    messages::{admin, inbox, pending, send, subscriptions},
    state::AppState,
    stream,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "tabcast-server", description = "Login, chats, and one event stream per browser."),
    modifiers(&Tokens)
)]
struct Base;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let in_query = |name| SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new(name)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        components.add_security_scheme("access_token", in_query("access_token"));
        components.add_security_scheme("ticket", in_query("ticket"));
    }
}

/// All of the API but the document itself and the tests' own routes.
pub(crate) fn documented() -> (Router<AppState>, Document) {
    let sse = OpenApiRouter::new()
        .routes(routes!(stream::any_client))
        .routes(routes!(stream::of_client))
        .routes(routes!(stream::of_group))
        .routes(routes!(send::to_user))
        .routes(routes!(send::to_group))
        .routes(routes!(send::to_everyone))
        .routes(routes!(pending::pending))
        .routes(routes!(inbox::read))
        .routes(routes!(inbox::unread))
        .routes(routes!(subscriptions::subscribe))
        .routes(routes!(subscriptions::unsubscribe))
        .routes(routes!(subscriptions::list))
        .routes(routes!(admin::info))
        .routes(routes!(admin::group))
        .routes(routes!(admin::disconnect));
    OpenApiRouter::with_openapi(Base::openapi())
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::signin))
        .routes(routes!(auth::ticket))
        .routes(routes!(stream::events))
        .nest("/api/v1/sse", sse)
        .routes(routes!(chat::list, chat::create))
        .routes(routes!(chat::add_members))
        .routes(routes!(chat::messages, chat::post))
        .routes(routes!(health::metrics))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .split_for_parts()
}

/// `GET /openapi`: the document, for people.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("openapi.html"))
}
