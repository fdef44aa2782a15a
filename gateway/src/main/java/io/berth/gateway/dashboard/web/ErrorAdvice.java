package io.berth.gateway.dashboard.web;

import io.berth.database.DatabaseFailures;
import io.berth.docker.error.ApiException;
import io.berth.docker.error.ErrorBody;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Errors of the gateway's own pages, in Docker's shape like all others. */
@RestControllerAdvice
class ErrorAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAdvice.class);

    @ExceptionHandler
    ResponseEntity<ErrorBody> handle(Exception error) {
        if (error instanceof ErrorResponse known) {
            String message = known.getStatusCode().value() == 404 ? "page not found" : "request not supported";
            return ResponseEntity.status(known.getStatusCode()).body(new ErrorBody(message));
        }
        if (error instanceof ApiException refused) {
            return ResponseEntity.status(refused.status()).body(new ErrorBody(refused.text()));
        }
        if (error instanceof HttpMessageNotReadableException) {
            return ResponseEntity.badRequest().body(new ErrorBody("invalid JSON in the request body"));
        }
        if (error instanceof IllegalArgumentException wrong) {
            return ResponseEntity.badRequest().body(new ErrorBody(String.valueOf(wrong.getMessage())));
        }
        LOG.atError().setCause(error).log("request failed");
        if (DatabaseFailures.isUnavailable(error)) {
            return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body(new ErrorBody(DatabaseFailures.MESSAGE));
        }
        return ResponseEntity.internalServerError().body(new ErrorBody("internal error"));
    }
}
