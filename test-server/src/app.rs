//! The routes.

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method, header},
    middleware,
    routing::{get, post},
};
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

use crate::{config::Config, error::ApiError, faults, observe::observe, openapi, state::AppState};

/// Bytes of a request's body; above it the answer is 413.
const MAX_BODY: usize = 256 << 10;

/// The whole HTTP surface. To close connections without an answer (a fault) it
/// needs the server in [`run`](crate::run).
pub fn app(state: AppState) -> Router {
    let config = &state.config;
    let (routes, document) = openapi::documented();
    let routes = routes
        .route("/openapi.json", get(async move || Json(document)))
        .route("/openapi", get(openapi::page))
        .route("/__test/faults", post(faults::routes::set))
        .route("/__test/connections", get(faults::routes::connections))
        .route("/__test/event", post(faults::routes::send))
        .method_not_allowed_fallback(wrong_method);
    // An API's answer is nobody else's to keep; files are asked for anew each time.
    let fresh = |value| {
        SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static(value),
        )
    };
    routes
        .layer(fresh("no-store"))
        .merge(files(config).layer(fresh("no-cache")))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(cors(config))
        .layer(middleware::from_fn_with_state(state.clone(), observe))
        .with_state(state)
}

fn files(config: &Config) -> Router<AppState> {
    let nowhere = Router::new().fallback(unknown);
    let serve = |folder| {
        ServeDir::new(folder)
            .call_fallback_on_method_not_allowed(true)
            .fallback(nowhere.clone().with_state(()))
    };
    let mut router = Router::new();
    if let Some(package) = &config.package {
        router = router.nest_service("/tabcast", serve(package));
    }
    match &config.www {
        Some(www) => router.fallback_service(serve(www)),
        None => router.fallback(unknown),
    }
}

fn cors(config: &Config) -> CorsLayer {
    let origins = &config.allow_origins;
    if origins.is_empty() {
        return CorsLayer::new();
    }
    let allowed = if origins.iter().any(|origin| origin == "*") {
        // Mirrored: with credentials, a browser refuses the star.
        AllowOrigin::mirror_request()
    } else {
        AllowOrigin::list(origins.clone())
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CACHE_CONTROL,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([header::RETRY_AFTER])
}

async fn unknown() -> ApiError {
    ApiError::not_found("There is nothing at this address.")
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("{method} is not possible here."),
    )
}
