/** Names of plugins and components that record statements or check passwords. */
export const AUDIT_PLUGINS =
  /audit|general_log|query_log|mcafee|guardium|validate_password|simple_password_check|cracklib/i;
