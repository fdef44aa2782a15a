package io.berth.engine.web;

import io.berth.database.DatabaseFailures;
import io.berth.docker.error.ApiException;
import io.berth.docker.error.ErrorBody;
import io.berth.docker.error.NotImplemented;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Turns every failure of a controller into Docker's error body. */
@RestControllerAdvice
final class ErrorAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAdvice.class);

    @ExceptionHandler(ApiException.class)
    @Nullable
    ResponseEntity<ErrorBody> api(ApiException error, HttpServletResponse response) {
        if (error.status() == HttpServletResponse.SC_NOT_MODIFIED) {
            return committed(response)
                    ? null
                    : ResponseEntity.status(error.status()).build();
        }
        if (error.status() >= 500 && !(error instanceof NotImplemented)) {
            LOG.atError().setCause(error).addKeyValue("status", error.status()).log("request failed");
        }
        return answer(error.status(), error.text(), response);
    }

    /** moby answers a wrong method as an unknown path. */
    @ExceptionHandler({
        NoHandlerFoundException.class,
        NoResourceFoundException.class,
        HttpRequestMethodNotSupportedException.class
    })
    @Nullable
    ResponseEntity<ErrorBody> noRoute(HttpServletResponse response) {
        return answer(HttpServletResponse.SC_NOT_FOUND, "page not found", response);
    }

    /** The client has gone, or the connection broke: nobody is left to be told. */
    @ExceptionHandler(IOException.class)
    @Nullable
    ResponseEntity<ErrorBody> io(IOException error, HttpServletResponse response) {
        LOG.atDebug().setCause(error).log("connection ended");
        return answer(HttpServletResponse.SC_INTERNAL_SERVER_ERROR, String.valueOf(error.getMessage()), response);
    }

    @ExceptionHandler(Exception.class)
    @Nullable
    ResponseEntity<ErrorBody> unexpected(Exception error, HttpServletResponse response) {
        LOG.atError().setCause(error).log("request failed unexpectedly");
        if (DatabaseFailures.isUnavailable(error)) {
            return answer(HttpServletResponse.SC_SERVICE_UNAVAILABLE, DatabaseFailures.MESSAGE, response);
        }
        return answer(HttpServletResponse.SC_INTERNAL_SERVER_ERROR, String.valueOf(error.getMessage()), response);
    }

    private static @Nullable ResponseEntity<ErrorBody> answer(
            int status, String message, HttpServletResponse response) {
        if (committed(response)) {
            return null;
        }
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(new ErrorBody(message));
    }

    private static boolean committed(HttpServletResponse response) {
        return response.isCommitted();
    }
}
