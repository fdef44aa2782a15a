package io.berth.registry.error.web;

import io.berth.registry.error.ErrorCode;
import java.io.IOException;
import java.io.PrintWriter;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

/** Tomcat's own refusals (a request line or path it does not parse), in JSON in place of its HTML page. */
final class JsonErrorReportValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        try {
            response.setContentType("application/json");
            PrintWriter writer = response.getReporter();
            if (writer != null) {
                writer.print("{\"errors\":[{\"code\":\"" + ErrorCode.UNSUPPORTED + "\",\"message\":\""
                        + RegistryErrors.message(HttpStatusCode.valueOf(status)) + "\"}]}");
                response.finishResponse();
            }
        } catch (IOException e) {
            // The caller of a request that was refused anyway has gone.
            getContainer().getLogger().debug("cannot report an error", e);
        }
    }
}
