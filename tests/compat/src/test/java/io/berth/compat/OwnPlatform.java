package io.berth.compat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Marks a class of tests that changes nothing of the shared platform, but only of one that it starts itself or that is the {@link
 * GatewayPlatform}. It runs beside the classes that use the shared one, and not beside another of its kind: most of its time goes into
 * waiting for services that start.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("a second platform")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface OwnPlatform {}
