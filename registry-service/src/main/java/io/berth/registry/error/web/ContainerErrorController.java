package io.berth.registry.error.web;

import io.berth.registry.error.ErrorCode;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers what failed before or outside the dispatcher, in place of Boot's own error page. */
@RestController
final class ContainerErrorController implements ErrorController {
    @RequestMapping("/error")
    ResponseEntity<ErrorBody> error(HttpServletRequest request) {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        HttpStatusCode code = HttpStatusCode.valueOf(status instanceof Integer known ? known : 404);
        return ResponseEntity.status(code)
                .contentType(MediaType.APPLICATION_JSON)
                .body(ErrorBody.of(ErrorCode.UNSUPPORTED, RegistryErrors.message(code)));
    }
}
