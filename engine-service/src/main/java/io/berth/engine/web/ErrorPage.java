package io.berth.engine.web;

import io.berth.docker.error.ErrorBody;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Errors that happen outside of any controller, in Docker's shape instead of Spring's. */
@RestController
final class ErrorPage implements ErrorController {
    @RequestMapping("/error")
    ResponseEntity<ErrorBody> error(HttpServletRequest request) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        if (status == HttpStatus.NOT_FOUND.value()) {
            return answer(status, "page not found");
        }
        HttpStatus known = HttpStatus.resolve(status);
        return answer(
                status,
                known == null ? "error " + status : known.getReasonPhrase().toLowerCase(Locale.ROOT));
    }

    private static ResponseEntity<ErrorBody> answer(int status, String message) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(new ErrorBody(message));
    }
}
