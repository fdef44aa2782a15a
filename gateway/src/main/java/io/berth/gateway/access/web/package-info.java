/**
 * The administration of users, tokens and projects, and the sessions of the dashboard.
 */
@NullMarked
package io.berth.gateway.access.web;

import org.jspecify.annotations.NullMarked;
