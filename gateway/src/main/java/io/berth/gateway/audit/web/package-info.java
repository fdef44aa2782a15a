/**
 * Reading the audit log.
 */
@NullMarked
package io.berth.gateway.audit.web;

import org.jspecify.annotations.NullMarked;
