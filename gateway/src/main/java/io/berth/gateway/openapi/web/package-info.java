/**
 * The description of Berth's own APIs, by the rules of OpenAPI.
 */
@NullMarked
package io.berth.gateway.openapi.web;

import org.jspecify.annotations.NullMarked;
