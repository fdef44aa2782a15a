package io.berth.registry.error;

import java.util.List;
import java.util.Map;

/** A request that the registry refuses; rendered by the one advice as the specification's error body. */
public class RegistryException extends RuntimeException {
    private final transient List<RegistryError> errors;
    private final int status;

    /**
     * @param status HTTP status of the response
     * @param errors at least one
     */
    public RegistryException(int status, List<RegistryError> errors) {
        super(errors.getFirst().message());
        this.status = status;
        this.errors = List.copyOf(errors);
    }

    /** One error with its code's own status. */
    public RegistryException(RegistryError error) {
        this(error.code().status(), List.of(error));
    }

    /** One error with its code's own status, in words that name the subject. */
    public static RegistryException of(ErrorCode code, String message) {
        return new RegistryException(RegistryError.of(code, message));
    }

    /** One error with its code's own status and wording, and the subject as detail. */
    public static RegistryException about(ErrorCode code, String detailKey, Object subject) {
        return new RegistryException(RegistryError.of(code, Map.of(detailKey, subject.toString())));
    }

    /** One error with another status than its code's. */
    public static RegistryException of(int status, ErrorCode code, String message) {
        return new RegistryException(status, List.of(RegistryError.of(code, message)));
    }

    public List<RegistryError> errors() {
        return errors;
    }

    public int status() {
        return status;
    }
}
