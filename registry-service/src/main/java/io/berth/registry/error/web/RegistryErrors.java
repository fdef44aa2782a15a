package io.berth.registry.error.web;

import io.berth.database.DatabaseFailures;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.storage.StorageUnavailable;
import org.apache.coyote.BadRequestException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.util.DisconnectedClientHelper;

/** Renders every failure of a request as the specification's error body, those of Spring itself included. */
@RestControllerAdvice
final class RegistryErrors {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryErrors.class);
    private static final String RETRY_SECONDS = "5";

    @ExceptionHandler(RegistryException.class)
    ResponseEntity<ErrorBody> refused(RegistryException e) {
        return body(HttpStatusCode.valueOf(e.status()), HttpHeaders.EMPTY, ErrorBody.of(e.errors()));
    }

    @ExceptionHandler(BadRequestException.class)
    ResponseEntity<ErrorBody> malformedBody(BadRequestException e) {
        return unsupported(HttpStatus.BAD_REQUEST, HttpHeaders.EMPTY, "malformed request body");
    }

    @ExceptionHandler(StorageUnavailable.class)
    ResponseEntity<ErrorBody> unavailable(StorageUnavailable e) {
        LOG.atError().setCause(e).log("storage does not answer");
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        return unsupported(
                HttpStatus.SERVICE_UNAVAILABLE, headers, "the registry's storage does not answer at present");
    }

    @ExceptionHandler(Exception.class)
    @Nullable
    ResponseEntity<ErrorBody> other(Exception e) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
        if (root instanceof RegistryException refused) { // a path variable that does not convert
            return refused(refused);
        }
        if (DisconnectedClientHelper.isClientDisconnectedException(e)) {
            LOG.atDebug().setCause(e).log("client closed the connection");
            return null; // there is nobody to answer
        }
        if (e instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
            return unsupported(known.getStatusCode(), known.getHeaders(), message(known.getStatusCode()));
        }
        LOG.atError().setCause(e).log("request failed");
        if (DatabaseFailures.isUnavailable(e)) {
            HttpHeaders later = new HttpHeaders();
            later.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
            return unsupported(HttpStatus.SERVICE_UNAVAILABLE, later, DatabaseFailures.MESSAGE);
        }
        return unsupported(HttpStatus.INTERNAL_SERVER_ERROR, HttpHeaders.EMPTY, "internal error");
    }

    static String message(HttpStatusCode status) {
        return switch (status.value()) {
            case 404 -> "no such endpoint";
            case 405 -> "the method is not supported by this endpoint";
            case 415 -> "the media type is not supported";
            default -> status.is5xxServerError() ? "internal error" : "malformed request";
        };
    }

    /** No code of the specification's covers these, and the enum must not be extended: the closest one stands in. */
    private static ResponseEntity<ErrorBody> unsupported(HttpStatusCode status, HttpHeaders headers, String message) {
        return body(status, headers, ErrorBody.of(ErrorCode.UNSUPPORTED, message));
    }

    private static ResponseEntity<ErrorBody> body(HttpStatusCode status, HttpHeaders headers, ErrorBody body) {
        HttpHeaders all = new HttpHeaders();
        all.putAll(headers);
        all.setContentType(MediaType.APPLICATION_JSON);
        return new ResponseEntity<>(body, all, status);
    }
}
