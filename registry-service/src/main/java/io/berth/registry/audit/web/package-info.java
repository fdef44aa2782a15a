/**
 * Reading the audit log.
 */
@NullMarked
package io.berth.registry.audit.web;

import org.jspecify.annotations.NullMarked;
