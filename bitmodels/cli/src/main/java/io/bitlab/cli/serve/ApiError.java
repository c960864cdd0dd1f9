package io.bitlab.cli.serve;

import java.util.LinkedHashMap;
import java.util.Map;

/** An answer that is an error, in the form that clients of OpenAI know. */
final class ApiError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String parameter; // null if none is to blame
    private final String code; // null if there is none

    private ApiError(int status, String type, String parameter, String code, String message) {
        super(message, null, false, false); // part of the normal course of things: no stack trace
        this.status = status;
        this.type = type;
        this.parameter = parameter;
        this.code = code;
    }

    /** A request that can't be understood or honoured. */
    static ApiError invalid(String parameter, String message) {
        return new ApiError(400, "invalid_request_error", parameter, null, message);
    }

    /** The same, with the code that clients look for. */
    static ApiError invalid(String parameter, String code, String message) {
        return new ApiError(400, "invalid_request_error", parameter, code, message);
    }

    /** A member of the request that asks for something that this server does not do. */
    static ApiError unsupported(String parameter, String message) {
        return invalid(parameter, "unsupported_parameter", message);
    }

    /** Any other refusal of a request. */
    static ApiError refused(int status, String code, String message) {
        return new ApiError(status, "invalid_request_error", null, code, message);
    }

    /** A model that is not served here. */
    static ApiError unknownModel(String message) {
        return new ApiError(404, "invalid_request_error", "model", "model_not_found", message);
    }

    /** More requests than the queue takes. */
    static ApiError tooMany(String message) {
        return new ApiError(429, "requests", null, "rate_limit_exceeded", message);
    }

    /** A server that is overloaded or stopping. */
    static ApiError unavailable(String message) {
        return new ApiError(503, "server_error", null, "server_overloaded", message);
    }

    /** A bug. Its details are logged, not sent. */
    static ApiError internal() {
        return new ApiError(500, "server_error", null, "internal_error",
                "the server failed to answer; its log says why");
    }

    int status() {
        return status;
    }

    /** Whether the same request may succeed later. */
    boolean mayRetry() {
        return status == 429 || status == 503;
    }

    Map<String, Object> toJson() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", getMessage());
        error.put("type", type);
        error.put("param", parameter);
        error.put("code", code);
        return Map.of("error", error);
    }
}
