package io.berth.image.web;

import io.berth.database.DatabaseFailures;
import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.ErrorBody;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.error.NotModified;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unauthorized;
import io.berth.docker.error.Unavailable;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Renders every error as the Engine API does: {@code {"message": "…"}} with the status of its kind. */
@RestControllerAdvice
final class ErrorAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAdvice.class);

    @ExceptionHandler
    @Nullable
    ResponseEntity<ErrorBody> kind(ApiException error, HttpServletResponse response) {
        HttpStatus status =
                switch (error) {
                    case InvalidParameter _ -> HttpStatus.BAD_REQUEST;
                    case Unauthorized _ -> HttpStatus.UNAUTHORIZED;
                    case Forbidden _ -> HttpStatus.FORBIDDEN;
                    case NotFound _ -> HttpStatus.NOT_FOUND;
                    case Conflict _ -> HttpStatus.CONFLICT;
                    case NotModified _ -> HttpStatus.NOT_MODIFIED;
                    case NotImplemented _ -> HttpStatus.NOT_IMPLEMENTED;
                    case Unavailable _ -> HttpStatus.SERVICE_UNAVAILABLE;
                    case SystemFailure _ -> HttpStatus.INTERNAL_SERVER_ERROR;
                };
        if (status.is5xxServerError()) {
            LOG.atError().setCause(error).addKeyValue("status", status.value()).log("request failed");
        }
        if (status == HttpStatus.NOT_MODIFIED) {
            return ResponseEntity.status(status).build();
        }
        return body(status.value(), error.text(), response);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<ErrorBody> noSuchPage(NoResourceFoundException error, HttpServletResponse response) {
        return body(HttpStatus.NOT_FOUND.value(), "page not found", response);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<ErrorBody> noSuchHandler(NoHandlerFoundException error, HttpServletResponse response) {
        return body(HttpStatus.NOT_FOUND.value(), "page not found", response);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<ErrorBody> badParameter(MethodArgumentTypeMismatchException error, HttpServletResponse response) {
        return body(HttpStatus.BAD_REQUEST.value(), "invalid value for parameter " + error.getName(), response);
    }

    /** The client went away, or what it sent broke off: nobody is left to answer. */
    @ExceptionHandler
    @Nullable
    ResponseEntity<ErrorBody> brokenExchange(IOException error, HttpServletResponse response) {
        LOG.atDebug().setCause(error).log("exchange broke off");
        return body(HttpStatus.INTERNAL_SERVER_ERROR.value(), text(error), response);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<ErrorBody> anythingElse(Exception error, HttpServletResponse response) {
        // Spring's own refusals: wrong method, media type, missing parameter, unreadable body.
        if (error instanceof ErrorResponse refusal && refusal.getStatusCode().is4xxClientError()) {
            String detail = refusal.getBody().getDetail();
            return body(refusal.getStatusCode().value(), detail == null ? text(error) : detail, response);
        }
        if (error instanceof org.springframework.http.converter.HttpMessageNotReadableException) {
            return body(HttpStatus.BAD_REQUEST.value(), "invalid JSON in the request body", response);
        }
        LOG.atError().setCause(error).log("request failed");
        if (DatabaseFailures.isUnavailable(error)) {
            return body(HttpStatus.SERVICE_UNAVAILABLE.value(), DatabaseFailures.MESSAGE, response);
        }
        return body(HttpStatus.INTERNAL_SERVER_ERROR.value(), text(error), response);
    }

    private static String text(Exception error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }

    private static @Nullable ResponseEntity<ErrorBody> body(int status, String message, HttpServletResponse response) {
        if (response.isCommitted()) {
            return null; // the stream has begun; whoever wrote it has told the error there
        }
        response.reset();
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(new ErrorBody(message));
    }
}
